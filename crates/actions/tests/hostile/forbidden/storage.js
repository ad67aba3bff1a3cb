// Keeps something for the next action.
// expect: ends
for (const attempt of [
    () => localStorage.setItem('a', 'b'),
    () => sessionStorage.setItem('a', 'b'),
    () => indexedDB.open('a'),
    () => caches.open('a'),
    () => (document.cookie = 'a=b').x.y,
    () => new BroadcastChannel('a'),
]) {
    try {
        attempt()
        Lit.Actions.setResponse({ response: `ESCAPED ${attempt}` })
    } catch {}
}
