// Sets a typed array from overlapping views of other widths.
// expect: ends|thrown
const buffer = new ArrayBuffer(1 << 16)
const types = [Uint8Array, Int16Array, Float32Array, Float64Array, BigInt64Array, Uint8ClampedArray]
for (const Left of types) {
    for (const Right of types) {
        try {
            new Left(buffer, 0, 100).set(new Right(buffer, 8, 100), 0)
            new Left(new Right(buffer))
        } catch {}
    }
}
