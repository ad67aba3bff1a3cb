// The original decodes its tables when it is loaded; a `require` inside a function makes the
// bundler defer that.
const original = () => require('./lib.js?original')

export function ens_normalize_post_check(name) {
    return original().ens_normalize_post_check(name)
}

export function ens_normalize(name) {
    return original().ens_normalize(name)
}
