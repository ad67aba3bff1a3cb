// A script of tokens. Node runs it with the stock package jsonwebtoken (js/tests/stock), a runner
// with its own; both must answer alike. Parameters: `keys`, made for this test and of no other use,
// and `tokens`, which the stock package has signed.

const answers = {}
const told = (error) => [
    error.name,
    error.message,
    error.expiredAt ?? error.date ?? null,
    error instanceof jwt.JsonWebTokenError,
]
const record = (name, compute) => {
    try {
        answers[name] = compute()
    } catch (error) {
        answers[name] = told(error)
    }
}

const IAT = 1700000000
const { secret } = keys
const claims = {
    sub: 'user',
    aud: ['a', 'b'],
    iss: 'me',
    jti: 'id',
    nonce: 'n',
    iat: IAT,
    n: 1.5,
    list: [1, { x: null }],
    text: 'h\u00e9\u20ac\ud83d\ude00',
}

for (const algorithm of ['HS256', 'HS384', 'HS512']) {
    record(`signed ${algorithm}`, () => jwt.sign(claims, secret, { algorithm }))
    record(`signed ${algorithm} with bytes`, () =>
        jwt.sign(claims, new Uint8Array([1, 2, 255]), { algorithm }),
    )
}
for (const algorithm of ['RS256', 'RS384', 'RS512']) {
    for (const form of ['rsaPkcs8', 'rsaPkcs1'])
        record(`signed ${algorithm} ${form}`, () => jwt.sign(claims, keys[form], { algorithm }))
}
record('signed with a line of an environment', () =>
    jwt.sign(claims, keys.rsaPkcs8.replace(/\n/g, '\r\n'), { algorithm: 'RS256' }),
)

const spans = [
    0,
    60,
    -5,
    '60',
    '60s',
    '2 days',
    '1.5h',
    '10 min',
    '1y',
    '3 weeks',
    '7 msecs',
    '1 Hr',
    '-1d',
    '.5m',
    'soon',
    '',
    '1 fortnight',
    1.5,
    null,
]
for (const span of spans) {
    record(`expires in ${span}`, () => jwt.sign({ iat: IAT }, secret, { expiresIn: span }))
    record(`not before ${span}`, () => jwt.sign({ iat: IAT }, secret, { notBefore: span }))
    record(`at most ${span} old`, () =>
        jwt.verify(tokens.HS256, secret, { maxAge: span, clockTimestamp: IAT + 90 }),
    )
}

const options = {
    none: {},
    all: {
        audience: ['x'],
        issuer: 'i',
        subject: 's',
        jwtid: 'j',
        keyid: 'k',
        header: { extra: 1, typ: 'at+jwt' },
        notBefore: 1,
        expiresIn: 2,
    },
    audience: { audience: 5 },
    issuer: { issuer: 5 },
    subject: { subject: {} },
    jwtid: { jwtid: 1 },
    keyid: { keyid: 1 },
    header: { header: 'h' },
    unknown: { algorythm: 'HS256' },
    algorithm: { algorithm: 'HS1024' },
    noTimestamp: { noTimestamp: true },
    noTimestampText: { noTimestamp: 'yes' },
    rsa: { algorithm: 'RS256' },
    elliptic: { algorithm: 'ES256' },
}
const payloads = {
    empty: { iat: IAT },
    text: 'text',
    json: '{"a":1}',
    nothing: undefined,
    void: null,
    list: [1],
    number: 5,
    late: { iat: IAT, exp: IAT + 1, nbf: IAT, aud: 'x', iss: 'x', sub: 'x', jti: 'x' },
    wrongExp: { exp: 'x', iat: IAT },
    wrongIat: { iat: 'x' },
    wrongNbf: { nbf: null },
}
for (const [payloadName, payload] of Object.entries(payloads)) {
    for (const [name, each] of Object.entries(options))
        record(`payload ${payloadName}, options ${name}`, () =>
            jwt.sign(payload, secret, { ...each }),
        )
}
for (const [name, key] of Object.entries({ none: undefined, empty: '', object: {}, number: 5 })) {
    record(`signed with key ${name}`, () => jwt.sign({ iat: IAT }, key))
    record(`verified with key ${name}`, () => jwt.verify(tokens.HS256, key))
}
const fitting = {
    rsaPkcs8: 'RS256',
    rsaPkcs1: 'PS256',
    rsaSpki: 'RS256',
    ec256Pkcs8: 'ES256',
    ec256Sec1: 'ES256',
    ec384Pkcs8: 'ES384',
}
for (const [form, own] of Object.entries(fitting)) {
    for (const algorithm of ['HS256', 'RS256', 'PS256', 'ES256', 'ES384'].filter(
        (other) => other !== own,
    )) {
        if (form.startsWith('rsa') && /^[RP]S/.test(algorithm) && form !== 'rsaSpki') continue
        // The stock package takes the text of a public key for a secret here.
        if (form === 'rsaSpki' && algorithm === 'HS256') continue
        record(`${form} signs ${algorithm}`, () =>
            jwt.sign({ iat: IAT }, keys[form], { algorithm }),
        )
    }
}

for (const [name, token] of Object.entries(tokens)) {
    record(`decoded ${name}`, () => jwt.decode(token))
    record(`decoded whole ${name}`, () => jwt.decode(token, { complete: true }))
    for (const [form, key] of Object.entries(keys)) {
        record(`verified ${name} by ${form}`, () => jwt.verify(token, key))
        record(`verified whole ${name} by ${form}`, () =>
            jwt.verify(token, key, {
                complete: true,
                algorithms: [jwt.decode(token, { complete: true })?.header?.alg],
            }),
        )
        record(`verified ${name} by ${form} as HS256`, () =>
            jwt.verify(token, key, { algorithms: ['HS256'] }),
        )
    }
    record(`verified ${name} by the bytes of the secret`, () =>
        jwt.verify(token, new TextEncoder().encode(secret)),
    )
    const parts = token.split('.')
    record(`${name} with another payload`, () =>
        jwt.verify(
            [parts[0], tokens.other.split('.')[1], parts[2]].join('.'),
            keys[parts[0].length > 30 ? 'rsaSpki' : 'secret'],
        ),
    )
    record(`${name} without its signature`, () => jwt.verify(`${parts[0]}.${parts[1]}.`, secret))
}
for (const token of [
    '',
    'a',
    'a.b',
    'a.b.c',
    'a.b.c.d',
    '..',
    'e30.e30.',
    'e30.e30.x',
    '!.!.!',
    'bnVsbA.e30.YQ',
    undefined,
    null,
    5,
    {},
]) {
    record(`verified ${JSON.stringify(token)}`, () => jwt.verify(token, secret))
    record(`decoded ${JSON.stringify(token)}`, () => jwt.decode(token))
}

const checks = [
    { audience: 'a' },
    { audience: 'c' },
    { audience: ['c', 'b'] },
    { audience: /^b$/ },
    { audience: [/x/, 'y'] },
    { audience: '' },
    { issuer: 'me' },
    { issuer: 'you' },
    { issuer: ['you', 'me'] },
    { issuer: ['you'] },
    { subject: 'user' },
    { subject: 'other' },
    { jwtid: 'id' },
    { jwtid: 'x' },
    { nonce: 'n' },
    { nonce: 'x' },
    { nonce: '' },
    { nonce: 5 },
    { clockTimestamp: 'x' },
    { algorithms: [] },
    { algorithms: ['none'] },
    { algorithms: ['HS384', 'HS256'] },
    { algorithms: ['RS256'] },
]
for (const check of checks) {
    const name = JSON.stringify(check, (_key, value) =>
        value instanceof RegExp ? String(value) : value,
    )
    record(`checked ${name}`, () => jwt.verify(tokens.HS256, secret, check))
    record(`checked of nothing ${name}`, () => jwt.verify(tokens.empty, secret, check))
}
for (const clockTimestamp of [
    IAT - 1,
    IAT,
    IAT + 9,
    IAT + 10,
    IAT + 99,
    IAT + 100,
    IAT + 101,
    IAT + 110,
]) {
    for (const more of [
        {},
        { clockTolerance: 5 },
        { ignoreExpiration: true },
        { ignoreNotBefore: true },
        { maxAge: 20 },
        { maxAge: '20s', clockTolerance: 5 },
    ]) {
        record(`at ${clockTimestamp - IAT} with ${JSON.stringify(more)}`, () =>
            jwt.verify(tokens.timed, secret, { clockTimestamp, ...more }),
        )
    }
}
for (const name of ['textExp', 'textNbf'])
    record(`times of ${name}`, () => jwt.verify(tokens[name], secret))
record('age without iat', () => jwt.verify(tokens.empty, secret, { maxAge: 5 }))
record('key by function', () => jwt.verify(tokens.HS256, () => secret))

const called = (name, call) => call((error, value) => (answers[name] = error ? told(error) : value))
called('callback of verify', (done) => jwt.verify(tokens.HS256, secret, done))
called('callback of verify with options', (done) =>
    jwt.verify(tokens.HS256, secret, { issuer: 'you' }, done),
)
called('callback of a key', (done) =>
    jwt.verify(tokens.kid, ({ kid }, found) => found(null, kid + secret.slice(1)), done),
)
called('callback of no key', (done) =>
    jwt.verify(tokens.kid, (_header, found) => found(new Error('gone')), done),
)
called('callback of a malformed token', (done) => jwt.verify('x', () => {}, done))
called('callback of sign', (done) => jwt.sign({ iat: IAT }, secret, done))
called('callback of sign with options', (done) =>
    jwt.sign({ iat: IAT }, secret, { issuer: 5 }, done),
)
setTimeout(() => Lit.Actions.setResponse({ response: JSON.stringify(answers) }), 50)
