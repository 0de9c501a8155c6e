// Socket.IO over WebSocket, as small as it goes: every event goes back.
//   node front_socketio.mjs PORT
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, { transports: ["websocket"], perMessageDeflate: false });
io.on("connection", (socket) => {
  socket.on("m", (data) => socket.emit("m", data));
});
http.listen(Number(process.argv[2]), "127.0.0.1");
