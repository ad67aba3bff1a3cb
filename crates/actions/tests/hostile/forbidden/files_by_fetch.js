// Fetches files and what is neither http nor https.
// expect: ends
let reached = 0
for (const url of [
    'file:///etc/passwd',
    'FILE:///etc/passwd',
    'ftp://127.0.0.1/',
    'data:text/plain,x',
    'blob:null/x',
    'unix:/run/docker.sock',
    'gopher://127.0.0.1/',
    'ws://127.0.0.1/',
    'about:blank',
    'javascript:1',
    '/etc/passwd',
    '\\\\127.0.0.1\\c$',
    'http+unix://%2Frun%2Fx',
]) {
    await fetch(url).then(
        () => reached++,
        () => {},
    )
}
Lit.Actions.setResponse({ response: reached ? 'ESCAPED' : 'refused' })
