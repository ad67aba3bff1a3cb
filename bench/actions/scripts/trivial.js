LitActions.setResponse({ response: String(1 + 1) });
