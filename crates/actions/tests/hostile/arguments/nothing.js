// Calls every function of Lit.Actions with nothing, with null and with simple values.
// expect: ends
for (const name of Object.keys(Lit.Actions)) {
    for (const values of [
        [],
        [undefined],
        [null],
        [0],
        [NaN],
        [''],
        [true],
        [1n],
        [Symbol()],
        [[]],
        [() => {}],
    ]) {
        try {
            await Lit.Actions[name](...values)
        } catch {}
    }
}
