// Parses names that are prototypes elsewhere.
// expect: ends
const parsed = JSON.parse(
    '{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}',
)
const copy = { ...parsed }
if ({}.polluted || [].polluted || (() => 1).polluted)
    Lit.Actions.setResponse({ response: 'ESCAPED' })
