// Call set-up as a Socket.IO relay does it: who calls whom is looked up in a map, nothing is ever
// written down, and both sides are told of every step. No acknowledgements: that is less work than
// Strowger's, whose commands are answered, too.
//   node call_socketio.mjs PORT
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, { transports: ["websocket"], perMessageDeflate: false });
const devices = new Map(); // number -> socket
const calls = new Map(); // call id -> [caller, callee]
let made = 0;

io.on("connection", (socket) => {
  const number = socket.handshake.query.number;
  devices.set(number, socket);
  socket.on("call:dial", ({ data }) => {
    const callee = devices.get(data.phoneNumber);
    if (!callee) return socket.emit("call:failed", { data: {} });
    const callId = `call-${++made}`;
    calls.set(callId, [socket, callee]);
    callee.emit("call:incoming", { data: { callId, phoneNumber: number } });
    socket.emit("call:ringing", { data: { callId, phoneNumber: data.phoneNumber } });
  });
  socket.on("call:answer", ({ data: { callId } }) => {
    for (const each of calls.get(callId) ?? []) each.emit("call:answered", { data: { callId } });
  });
  socket.on("call:hangup", ({ data: { callId } }) => {
    for (const each of calls.get(callId) ?? []) each.emit("call:ended", { data: { callId } });
    calls.delete(callId);
  });
  socket.on("disconnect", () => devices.delete(number));
});
http.listen(Number(process.argv[2]), "127.0.0.1");
