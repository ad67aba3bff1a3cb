// Has the parser nest a hundred thousand arrays and functions.
// expect: thrown|memory
new Function(`${'[(()=>'.repeat(1e5)}1${')]'.repeat(1e5)}`)
