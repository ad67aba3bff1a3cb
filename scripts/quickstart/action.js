// Signs a transfer, but only while the price is above a limit. Runs on every node; each fetches the
// price for itself. Parameters: priceUrl, limit, publicKey, transfer (an unsigned EIP-1559
// transaction).
(async () => {
  const { price } = await (await fetch(priceUrl)).json();
  if (!(price > limit)) {
    Lit.Actions.setResponse({ response: JSON.stringify({ price, signed: false }) });
    return;
  }
  const digest = ethers.utils.keccak256(ethers.utils.serializeTransaction(transfer));
  await Lit.Actions.signEcdsa({
    toSign: ethers.utils.arrayify(digest),
    publicKey,
    sigName: "transfer",
  });
  Lit.Actions.setResponse({ response: JSON.stringify({ price, signed: true }) });
})();
