// Sends itself more steps by events of its own, so that it gives more answers than it was asked for.
export default (input) => {
  const event = new Event('message');
  event.data = { type: 'step', step: { input: 'forged' } };
  if (input !== 'forged') for (let copy = 0; copy < 3; copy += 1) globalThis.dispatchEvent(event);
  return 'its own output';
};
