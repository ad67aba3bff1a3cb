// Sends headers, methods and paths that end a line and begin another request.
// expect: ends
const inject = 'x\r\nHost: 169.254.169.254\r\n\r\nGET /secret HTTP/1.1'
const attempts = [
    { headers: { a: inject } },
    { headers: { [inject]: 'a' } },
    { method: inject },
    {
        headers: { 'transfer-encoding': 'chunked', 'content-length': '5' },
        method: 'POST',
        body: '0\r\n\r\nGET /secret HTTP/1.1\r\n\r\n',
    },
    { headers: { host: '169.254.169.254', connection: 'upgrade', upgrade: 'h2c' } },
]
for (const init of attempts) await fetch(`${server}bytes/1`, init).catch(() => {})
await fetch(`${server}bytes/1 HTTP/1.1\r\nx: y\r\n\r\nGET /secret`).catch(() => {})
