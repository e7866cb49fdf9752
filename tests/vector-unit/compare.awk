# Compares what is recorded with what is found: `counted`, and the same of now; `read`, and the same of now.

function wrong(what) { print "vector-unit: " what > "/dev/stderr"; failed = 1 }

function keep() {
    vectors[kernel] = $3
    widest[kernel] = $4
    scalars[kernel] = $5
    gathers[kernel] = $6
    calls[kernel] = "; " $7 "; "
}

FNR == 1 { file++ }
/^#/ { next }

file == 1 { low[$1, $2] = $4; high[$1, $2] = $5; counted[$1 ", " $2] = 1 }
file == 2 {
    delete counted[$1 ", " $2]
    if (!(($1, $2) in low)) wrong($1 " on " $2 " is not recorded")
    else if ($3 < low[$1, $2] || $3 > high[$1, $2])
        wrong($1 " on " $2 " executes " $3 " instructions an element, not " low[$1, $2] " to " high[$1, $2])
}

file >= 3 { FS = " *[|] *"; $0 = $0; kernel = $1 " on " $2 }
file == 3 { recorded[kernel] = 1; keep() }
file == 4 {
    if (!(kernel in recorded)) { wrong(kernel " is not recorded"); next }
    delete recorded[kernel]
    if (2 * $3 < vectors[kernel]) wrong(kernel " has " $3 " vector instructions, not " vectors[kernel])
    if (2 * $4 < widest[kernel]) wrong(kernel " has " $4 " of the widest vectors, not " widest[kernel])
    if ($5 > 1.5 * scalars[kernel] + 16) wrong(kernel " has " $5 " scalar instructions, not " scalars[kernel])
    if ($6 > gathers[kernel]) wrong(kernel " has " $6 " gathers and scatters, not " gathers[kernel])
    count = $7 == "-" ? 0 : split($7, found, "; ")
    for (i = 1; i <= count; i++) {
        if (!index(calls[kernel], "; " found[i] "; ")) wrong(kernel " calls " found[i])
    }
}

END {
    for (kernel in counted) wrong(kernel " is recorded, and not found")
    for (kernel in recorded) wrong(kernel " is recorded, and not found")
    exit failed
}
