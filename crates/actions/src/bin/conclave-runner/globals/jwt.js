// jwt: JSON web tokens, as the package jsonwebtoken has them.
;(function ({ JsonWebTokenError, TokenExpiredError, NotBeforeError, open }, verify, sign) {
    function decode(token, options) {
        const opened = open(`${token}`)
        if (!opened) return null
        const { header, payload, signature } = opened
        return options?.complete === true ? { header, payload, signature } : payload
    }

    return {
        globals: {
            jwt: { decode, verify, sign, JsonWebTokenError, TokenExpiredError, NotBeforeError },
        },
    }
})
