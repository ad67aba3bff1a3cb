// Opens sockets of every kind that the Web knows.
// expect: ends
const url = sink.replace('http', 'ws')
const attempts = [
    () => new WebSocket(url),
    () => new EventSource(sink),
    () => navigator.sendBeacon(sink, 'x'),
    () => new WebTransport(sink),
    () => new RTCPeerConnection(),
    () => new XMLHttpRequest().open('GET', sink),
    () => importScripts(sink),
    () => new Image().src.length,
]
for (const attempt of attempts) {
    try {
        attempt()
        Lit.Actions.setResponse({ response: `ESCAPED ${attempt}` })
    } catch {}
}
