# What each kernel of a disassembled program consists of. Reads the table of addresses, then the code twice: for the names of its
# functions, and for what is in them.

# A function's name without paths and types: `mean_parts`. One of a trait keeps them, since it says little without.
function short(name) {
    if (name !~ /^</) sub(/::<.*/, "", name)
    gsub(/[A-Za-z0-9_]+::/, "", name)
    return name
}

function begin(name) {
    kernel = ""
    # A kernel, or a part of several that stands by itself.
    if (name !~ /sets::on::on_avx(2|512)::</ && name !~ /sets::on::Set>::apart::</) return
    set = name ~ /^[^:]*[a-z:]*::on_avx512|on::Avx512 as/ ? "Avx512" : "Avx2"
    sub(/^[^<]*::on_avx(2|512)::</, "", name)
    sub(/^<[^<]*Set>::apart::</, "", name)
    sub(/>$/, "", name)
    gsub(/[A-Za-z0-9_]+::/, "", name)
    kernel = name " | " set
    seen[kernel] = 1
    vectors = wide = scalars = gathers = 0
}

# A generic kernel may have been compiled in two crates: the worst counts.
function finish() {
    if (kernel == "") return
    if (!(kernel in least) || vectors < least[kernel]) least[kernel] = vectors
    if (!(kernel in widest) || wide < widest[kernel]) widest[kernel] = wide
    if (scalars > most[kernel]) most[kernel] = scalars
    if (gathers > worst[kernel]) worst[kernel] = gathers
    kernel = ""
}

function calls(name) {
    if (name == "" || name ~ /^adamant::simd::sets::on::on_avx|sets::on::Set>::apart::</) return
    name = short(name)
    if (!((kernel, name) in called)) {
        called[kernel, name] = 1
        names[kernel] = names[kernel] (names[kernel] == "" ? "" : "; ") name
    }
}

FILENAME != file { file = FILENAME }
FNR == 1 { pass++ }

pass == 1 { entry[$1] = $2; next }

/^[0-9a-f]+ <.*>:$/ {
    address = $1
    sub(/^0+/, "", address)
    name = $0
    sub(/^[0-9a-f]+ </, "", name)
    sub(/>:$/, "", name)
    if (pass == 2) { function_at[address] = name; next }
    finish()
    own = name
    begin(name)
    next
}

pass == 2 || kernel == "" { next }

# The address of a function, or of what is exported from a library, out of the table.
/# [0-9a-f]+ </ {
    at = $0
    sub(/.*# /, "", at)
    target = at
    sub(/ <.*/, "", at)
    if (at in entry) {
        if (entry[at] in function_at) calls(function_at[entry[at]])
    } else if (target ~ /<[a-z0-9_]+@/) {
        sub(/.*</, "", target)
        sub(/@.*/, "", target)
        calls(target)
    }
}

# A call, or a jump to another function in its place.
$2 ~ /^(call|jmp)$/ && $3 ~ /^[0-9a-f]+$/ && $3 in function_at { if (function_at[$3] != own) calls(function_at[$3]) }

$2 ~ /gather|scatter/ { gathers++ }
$2 ~ /^v(fn?m(add|sub)|add|sub|mul|div|sqrt|max|min|cmp).*p[sd]$/ && /[yz]mm/ {
    vectors++
    if (set == "Avx2" || /zmm/) wide++
}
$2 ~ /^v(fn?m(add|sub)|add|sub|mul|div|sqrt|max|min|cmp).*s[sd]$/ { scalars++ }

END {
    finish()
    for (kernel in seen) {
        printf "%s | %d | %d | %d | %d | %s\n", kernel, least[kernel], widest[kernel], most[kernel], worst[kernel], names[kernel] == "" ? "-" : names[kernel]
    }
}
