// The least a Beast WebSocket server can do: every message goes back.
//   front_beast PORT
#include "bench/peers/peer_beast.hpp"

namespace strowger::peer {
namespace {

class echo : public std::enable_shared_from_this<echo> {
public:
  explicit echo(tcp::socket s) : ws_(std::move(s)) {}
  void start() {
    ws_.auto_fragment(false);
    ws_.async_accept([self = shared_from_this()](error_code ec) {
      if (!ec) self->read();
    });
  }

private:
  void read() {
    ws_.async_read(buffer_, [self = shared_from_this()](error_code ec, std::size_t) {
      if (!ec) self->write();
    });
  }
  void write() {
    ws_.text(ws_.got_text());
    ws_.async_write(buffer_.data(), [self = shared_from_this()](error_code ec, std::size_t) {
      self->buffer_.consume(self->buffer_.size());
      if (!ec) self->read();
    });
  }

  websocket::stream<tcp::socket> ws_;
  beast::flat_buffer buffer_;
};

} // namespace
} // namespace strowger::peer

int main(int argc, char** argv) {
  if (argc != 2) return 1;
  strowger::peer::lanes{}.serve(argv[1], [](auto socket, auto&) {
    std::make_shared<strowger::peer::echo>(std::move(socket))->start();
  });
}
