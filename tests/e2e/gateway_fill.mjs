// The one file that fills in what the gateway guide (seed 003) leaves to its reader: addresses and
// names, the arguments of consume (its "placeholder"), and the stubs of its user interface.
// Everything else of the page is the guide's own text, taken as the test runs.

/** Texts of the guide that are placeholders by their own words, and what stands there instead. */
export const placeholders = [
  ["'http://localhost:3005'", "fill.url"],
  ["'your-jwt-token'", "fill.token"],
  ["'agent-uuid'", "fill.agentId"],
  ["'tenant-uuid'", "fill.tenantId"],
  ["'user-uuid'", "fill.userId"],
  ["['websocket', 'polling']", "fill.transports"],
  // "Get producer ID from server (you'll need to implement this)"
  [
    "const producerId = 'remote-producer-id';",
    "const { producerId, id: consumerId, rtpParameters } = await whatToConsume(callId);",
  ],
];

/** Before the guide's statements: what it takes for granted. */
export const before = `
const fill = window.fill;
const seen = (window.seen = { ui: [], muted: [], errors: [], incoming: [], told: [] });
const updateCallUI = (state) => seen.ui.push(state);
const updateMuteButton = (muted) => seen.muted.push(muted);
const showError = (text) => seen.errors.push(text);
const showIncomingCallUI = (data) => seen.incoming.push(data);
const remoteAudio = document.createElement("audio");
remoteAudio.id = "remote-audio";
remoteAudio.autoplay = true;
document.body.append(remoteAudio);
`;

/** After them: where producer ids come from, and handles for the test. */
export const after = `
const producers = new Map(); // call id -> what there is to hear
const consumed = [];
socket.onAny((name, data) => seen.told.push({ name, ...data }));
const emit = socket.emit.bind(socket);
socket.emit = (name, ...rest) => {
  if (name !== "call:answer") return emit(name, ...rest);
  const [data, ack] = rest;
  return emit(name, data, (response) => {
    if (response.producerId) producers.set(data.callId, response.producerId);
    ack(response);
  });
};
const ask = (name, data) =>
  new Promise((resolve, reject) =>
    emit(name, data, (answer) =>
      answer.success ? resolve(answer) : reject(new Error(name + ": " + JSON.stringify(answer))),
    ),
  );
// Before the guide's own listener, which consumes at once.
socket.listeners("call:answered").forEach((listener) => {
  socket.off("call:answered", listener);
  socket.on("call:answered", (data) => {
    if (data.producerId) producers.set(data.callId, data.producerId);
    listener(data);
  });
});
const consume = (callId, producerId, transport) =>
  ask("webrtc:consume", {
    transportId: transport.id,
    producerId,
    rtpCapabilities: device.rtpCapabilities,
  });
const whatToConsume = (callId) =>
  consume(callId, producers.get(callId), currentCall.receiveTransport);
// What comes later: another sound after a transfer with another codec, video, a screen.
socket.on("webrtc:new-producer", async ({ callId, producerId, kind }) => {
  if (!currentCall) return;
  const answer = await consume(callId, producerId, currentCall.receiveTransport);
  const consumer = await currentCall.receiveTransport.consume(answer);
  consumed.push(consumer);
  const element = document.createElement(kind);
  element.autoplay = true;
  element.muted = kind === "video";
  element.srcObject = new MediaStream([consumer.track]);
  document.body.append(element);
});
window.phone = {
  makeCall, answerCall, holdCall, unholdCall, muteCall, sendDTMF, transferCall, hangupCall, ask,
  socket, device, consumed,
  callId: () => currentCall?.callId,
  // One more producer on the call's own send transport.
  send: (track) => currentCall.sendTransport.produce({ track }),
  ready: () => socket.connected && device.loaded,
};
`;
