// Keeps classes without end.
// expect: memory
const all = []
while (true)
    all.push(
        class {
            static value = 1
            method() {}
        },
    )
