(async () => {
  await LitActions.signEcdsa({
    toSign: ethers.utils.arrayify(ethers.utils.id(word)),
    publicKey,
    sigName: "word",
  });
  LitActions.setResponse({ response: word });
})();
