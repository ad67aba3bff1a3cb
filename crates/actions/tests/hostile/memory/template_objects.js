// Keeps the arrays of templates.
// expect: memory
const all = []
const keep = (parts, ...values) => all.push(parts.concat(values))
while (true) keep`a${1}b${2}c${3}d`
