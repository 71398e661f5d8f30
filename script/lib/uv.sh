# Find uv, or install it from PyPI into the cache. Sets $uv.

find_uv() {
    local private=$cache/uv/bin/uv
    if uv=$(command -v uv); then
        return
    fi
    if [[ ! -x $private ]]; then
        say "installing uv from PyPI"
        python3 -m venv "$cache/uv"
        "$cache/uv/bin/python" -m pip install --quiet --disable-pip-version-check uv
    fi
    uv=$private
}
