# SPDX-License-Identifier: MIT
# style.awk - checks C files line by line; called by check-style, which says what for.
# Relies on the layout that it checks: a function's braces stand alone in the first column.

BEGIN {
    FILE_MAX = 900; FUNCTION_MAX = 80; WIDTH_MAX = 100

    # Folders, from those that may be included by all that follow to the last. Folders with the
    # same number do not see each other.
    split("memory 1 error 2 value 3 lexer 4 ast 5 parser 6 analysis 7 code 8 compiler 9 vm 9 render 10 env 11", kida, " ")
    split("config 1 http 2 router 3 middleware 3 app 4 worker 5 data 6 fetch 6 reply 6 forms 7 pages 7 stream 7 sse 8 client 9", chirp, " ")
    for (i = 1; i in kida; i += 2) rank["libkida", kida[i]] = kida[i + 1] + 0
    for (i = 1; i in chirp; i += 2) rank["libchirp", chirp[i]] = chirp[i + 1] + 0

    # In the libraries: text and numbers are handled by length, memory comes from one file.
    count = split("strlen strcpy strncpy strcat strncat sprintf vsprintf gets atoi atol atoll atof strtok strtol strtoll strtoul strtoull strtod strtof alloca setjmp sigsetjmp longjmp siglongjmp abort exit strerror gmtime localtime asctime ctime rand srand setenv inet_ntoa setlocale", words, " ")
    for (i = 1; i <= count; i++) banned[words[i]] = 1
    count = split("malloc calloc realloc reallocarray free strdup strndup asprintf vasprintf", words, " ")
    for (i = 1; i <= count; i++) memory[words[i]] = 1
    # Everywhere.
    count = split("strcpy strcat sprintf vsprintf gets atoi atol atof strtok alloca", words, " ")
    for (i = 1; i <= count; i++) unsafe[words[i]] = 1
}

function say(line, message) { printf "%s:%d: %s\n", FILENAME, line, message }

# The line without comments, strings and character constants.
function code_of(line,    out, at, c, two) {
    out = ""
    for (at = 1; at <= length(line); at++) {
        c = substr(line, at, 1); two = substr(line, at, 2)
        if (in_comment) {
            if (two == "*/") { in_comment = 0; at++ }
        } else if (two == "/*") { in_comment = 1; at++ }
        else if (two == "//") break
        else if (c == "\"" || c == "'") {
            quote = c
            for (at++; at <= length(line) && substr(line, at, 1) != quote; at++)
                if (substr(line, at, 1) == "\\") at++
            out = out quote quote
        } else out = out c
    }
    return out
}

function end_file() {
    if (previous != "" && lines > FILE_MAX && previous !~ /_table\.[ch]$|_data\.[ch]$/)
        printf "%s:%d: %d lines, more than %d\n", previous, lines, lines, FILE_MAX
}

FNR == 1 {
    end_file()
    previous = FILENAME
    in_comment = 0; open_at = 0; long_seen = 0
    split(FILENAME, part, "/")
    library = part[1]
    folder = (part[2] == "src") ? part[3] : ""
    in_library = (library == "libkida" || library == "libchirp" || library == "filters") && FILENAME !~ /\/include\//
    own_memory = FILENAME ~ /^libkida\/src\/memory\/alloc\.c$/ || FILENAME ~ /^libchirp\/src\/config\/alloc\.c$/
    near_memory = folder == "memory" # where lengths of C strings are taken
}

{
    lines = FNR
    shown = $0
    gsub(/[\200-\277]/, "", shown) # code points, not bytes
    if (length(shown) > WIDTH_MAX) say(FNR, "wider than " WIDTH_MAX " columns")
    if (index($0, "\t")) say(FNR, "a tab")
    if ($0 ~ /[ \t]$/) say(FNR, "blanks at the end of the line")
    if ($0 ~ /\/\* Long: /) long_seen = 1
    if ($0 ~ /(TODO|FIXME|(^|[^X])XXX([^X]|$))/ && $0 !~ /TODO\(?#[0-9]/) say(FNR, "a to-do without the number of its issue")
    code = code_of($0)
}

# ---- functions -------------------------------------------------------------------------------
$0 == "{" { open_at = FNR }
$0 == "}" {
    if (open_at && FNR - open_at + 1 > FUNCTION_MAX && !long_seen)
        say(open_at, "a function of " FNR - open_at + 1 " lines without a `Long:` comment")
    open_at = 0; long_seen = 0
}
$0 == "" && !open_at { long_seen = 0 }
/^[A-Za-z_].*\) *\{$/ && $0 !~ /^(typedef|struct|enum|union|extern|static const|const|switch|TEST)/ && code !~ /=/ {
    say(FNR, "the brace of a function stands on a line of its own")
}

# ---- includes --------------------------------------------------------------------------------
/^#include / {
    name = $2
    gsub(/[<>"]/, "", name)
    split(name, piece, "/")
    from = piece[1]
    if (library == "filters" && name ~ /\// && from != "kida")
        say(FNR, "filters see <kida/…> alone, not " name)
    if (library == "libkida" && from == "chirp")
        say(FNR, "libkida does not know libchirp")
    if ((library == "libkida" || library == "libchirp") && folder != "" && name ~ /\// && from != folder) {
        if ((library, from) in rank) {
            if (rank[library, from] >= rank[library, folder])
                say(FNR, folder "/ must not include " name)
        } else if (library == "libchirp" && ("libkida", from) in rank)
            say(FNR, "libchirp sees <kida/…> alone, not " name)
    }
    if (library == "libchirp" && from == "kida" && $2 ~ /^"/)
        say(FNR, "write <" name ">")
    if ((library == "examples" || library == "bench") && (("libkida", from) in rank || ("libchirp", from) in rank))
        say(FNR, "examples and benchmarks see public headers alone, not " name)
}

# ---- calls -----------------------------------------------------------------------------------
{
    rest = code
    while (match(rest, /[A-Za-z_][A-Za-z_0-9]*[ ]*\(/)) {
        before = RSTART > 1 ? substr(rest, RSTART - 1, 1) : " "
        word = substr(rest, RSTART, RLENGTH)
        sub(/[ ]*\($/, "", word)
        rest = substr(rest, RSTART + RLENGTH)
        if (before == "." || before == ">") continue
        if (in_library && word in banned && !(near_memory && word == "strlen"))
            say(FNR, word "() is banned in the libraries")
        else if (in_library && word in memory && !own_memory)
            say(FNR, word "() belongs to the one allocator file")
        else if (!in_library && word in unsafe)
            say(FNR, word "() is banned")
    }
}

END { end_file() }
