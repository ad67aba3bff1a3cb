// Answers with ten million letters, and catches what that throws.
// expect: limit|memory
try {
    await Lit.Actions.setResponse({ response: 'x'.repeat(1e7) })
} catch {}
