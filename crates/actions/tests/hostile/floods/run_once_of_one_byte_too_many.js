// Runs for all what brings one byte more than the greatest.
// expect: thrown
await Lit.Actions.runOnce({ waitForResponse: true, name: 'mine' }, async () =>
    'x'.repeat(100 * 1024 + 1),
)
