// Changes maps and arrays while the runner goes through them.
// expect: ends|thrown|timeout
const parameters = new URLSearchParams('a=1&b=2&c=3')
parameters.forEach((value, name) => {
    parameters.delete(name)
    if (value < 3) parameters.append('d', '4')
})
const headers = new Headers({ a: '1', b: '2' })
headers.forEach((_, name) => headers.delete(name))
const numbers = Array.from({ length: 5 }, () => setTimeout(() => numbers.forEach(clearTimeout), 1))
