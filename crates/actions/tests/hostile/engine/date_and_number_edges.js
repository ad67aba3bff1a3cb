// Makes dates and numbers at every edge.
// expect: ends
const edges = [NaN, Infinity, -0, 8.64e15, -8.64e15, 8.64e15 + 1, 1e308, 5e-324, 2 ** 53]
for (const edge of edges) {
    for (const attempt of [
        () => new Date(edge).toISOString(),
        () => new Date(edge, edge, edge).getTime(),
        () => edge.toFixed(100),
        () => edge.toPrecision(100),
        () => edge.toString(36),
        () => edge.toExponential(100),
        () => Date.parse(`${edge}`),
        () => BigInt(edge),
    ]) {
        try {
            attempt()
        } catch {}
    }
}
