// Call set-up as a minimal Beast relay: a map of devices, a map of calls, nothing written down, and
// both sides told of every step in Strowger's words. No acknowledgements.
//   call_beast PORT
#include "bench/peers/peer_beast.hpp"

#include <deque>
#include <mutex>
#include <string>
#include <unordered_map>

namespace strowger::peer {
namespace {

class device;
using device_ptr = std::shared_ptr<device>;

struct call {
  device_ptr caller, callee;
};

struct exchange { // shared by both threads
  std::mutex mutex;
  std::unordered_map<std::string, device_ptr> devices;
  std::unordered_map<std::string, call> calls;
  std::uint64_t made = 0;
};

exchange& site() {
  static exchange one;
  return one;
}

std::string text_after(std::string_view in, std::string_view key) {
  const auto at = in.find(key);
  if (at == std::string_view::npos) return {};
  const auto rest = in.substr(at + key.size());
  return std::string{rest.substr(0, rest.find('"'))};
}

class device : public std::enable_shared_from_this<device> {
public:
  device(tcp::socket s, net::io_context& on) : ws_(std::move(s)), on_(on) {}

  void start() {
    ws_.auto_fragment(false);
    beast::http::async_read(ws_.next_layer(), buffer_, upgrade_,
                            [self = shared_from_this()](error_code ec, std::size_t) {
                              if (!ec) self->accept();
                            });
  }
  // Any thread.
  void tell(std::string text) {
    net::dispatch(on_, [self = shared_from_this(), text = std::move(text)]() mutable {
      self->out_.push_back(std::move(text));
      if (self->out_.size() == 1) self->write();
    });
  }

private:
  void accept() {
    const auto target = std::string{upgrade_.target()};
    number_ = target.substr(std::min(target.size(), target.find('=') + 1));
    {
      std::lock_guard lock{site().mutex};
      site().devices[number_] = shared_from_this();
    }
    ws_.async_accept(upgrade_, [self = shared_from_this()](error_code ec) {
      if (ec) return;
      self->buffer_.consume(self->buffer_.size());
      self->read();
    });
  }
  void read() {
    ws_.async_read(buffer_, [self = shared_from_this()](error_code ec, std::size_t) {
      if (ec) return;
      const auto bytes = self->buffer_.cdata();
      self->handle({static_cast<const char*>(bytes.data()), bytes.size()});
      self->buffer_.consume(self->buffer_.size());
      self->read();
    });
  }
  void handle(std::string_view text) {
    const auto type = text_after(text, R"("type":")");
    if (type == "call:dial") return dial(text_after(text, R"("phoneNumber":")"));
    const auto id = text_after(text, R"("callId":")");
    call found;
    {
      std::lock_guard lock{site().mutex};
      const auto it = site().calls.find(id);
      if (it == site().calls.end()) return;
      found = it->second;
      if (type == "call:hangup") site().calls.erase(it);
    }
    const auto news = R"({"type":")" +
                      std::string{type == "call:hangup" ? "call:ended" : "call:answered"} +
                      R"(","data":{"callId":")" + id + "\"}}";
    found.caller->tell(news);
    found.callee->tell(news);
  }
  void dial(const std::string& number) {
    std::string id;
    device_ptr callee;
    {
      std::lock_guard lock{site().mutex};
      const auto it = site().devices.find(number);
      if (it == site().devices.end()) return;
      callee = it->second;
      id = "call-" + std::to_string(++site().made);
      site().calls[id] = {shared_from_this(), callee};
    }
    callee->tell(R"({"type":"call:incoming","data":{"callId":")" + id + R"(","phoneNumber":")" +
                 number_ + "\"}}");
    tell(R"({"type":"call:ringing","data":{"callId":")" + id + "\"}}");
  }
  void write() {
    ws_.async_write(net::buffer(out_.front()),
                    [self = shared_from_this()](error_code ec, std::size_t) {
                      self->out_.pop_front();
                      if (!ec && !self->out_.empty()) self->write();
                    });
  }

  websocket::stream<tcp::socket> ws_;
  net::io_context& on_;
  beast::flat_buffer buffer_;
  beast::http::request<beast::http::string_body> upgrade_;
  std::string number_;
  std::deque<std::string> out_; // the front one is being written
};

} // namespace
} // namespace strowger::peer

int main(int argc, char** argv) {
  if (argc != 2) return 1;
  strowger::peer::lanes{}.serve(argv[1], [](auto socket, auto& on) {
    std::make_shared<strowger::peer::device>(std::move(socket), on)->start();
  });
}
