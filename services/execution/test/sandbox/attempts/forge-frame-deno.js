// Writes a success of its own to the channel with Deno's own API.
export default () => {
  const payload = new TextEncoder().encode(
    JSON.stringify({
      type: 'step',
      tripId: 1,
      index: 0,
      outcome: { kind: 'success', outputText: 'ESCAPED', durationMs: 1 },
    }),
  );
  const frame = new Uint8Array(36 + payload.length);
  new DataView(frame.buffer).setUint32(0, payload.length);
  frame.set(payload, 36);
  Deno.stdout.writeSync(frame);
  return 'ESCAPED';
};
