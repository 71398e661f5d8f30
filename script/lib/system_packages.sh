# Debian packages that tests and the demo run. One a line; a new one needs only its line.

system_packages=(
    apparmor       # reads the app's AppArmor profile, to see that it can be read
    buildah        # builds and runs the app's image without a Docker engine
    chromium       # the browser of the browser tests and the screenshots
    g++            # builds the few Python packages that have no wheel, and the libmodbus peer
    iproute2       # network namespaces: several hosts on one machine
    mmdebstrap     # a base for that image where the published one cannot be pulled
    libmodbus-dev  # an independent Modbus stack for the tests
    mosquitto      # an MQTT broker that sends the gateway events in tests
    redis-server   # the recovery cache of the gateway, in tests and the demo
)

install_system_packages() {
    local missing=()
    if ! command -v dpkg-query >/dev/null; then
        say "not Debian: see that these are installed: ${system_packages[*]}"
        return
    fi
    mapfile -t missing < <(missing_system_packages)
    if ((${#missing[@]} == 0)); then
        return
    fi
    if ((EUID != 0)); then
        say "missing: ${missing[*]}; to have them: sudo apt-get install ${missing[*]}"
        return
    fi
    say "installing Debian's ${missing[*]}"
    apt-get --quiet=2 update && DEBIAN_FRONTEND=noninteractive apt-get --quiet=2 --yes \
        install --no-install-recommends "${missing[@]}" >/dev/null ||
        say "could not install ${missing[*]}; the tests that need them will fail"
}

missing_system_packages() {
    local package
    for package in "${system_packages[@]}"; do
        dpkg-query --show --showformat '${Status}' "$package" 2>/dev/null |
            grep -q 'ok installed' || echo "$package"
    done
}
