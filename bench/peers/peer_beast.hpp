// What the Beast peers share: connections on two threads, as Strowger has two lanes.
#pragma once

#include "http/boost.hpp"

#include <cstdlib>
#include <memory>
#include <thread>
#include <vector>

namespace strowger::peer {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using net::ip::tcp;
using error_code = boost::system::error_code;

struct lane {
  net::io_context context{1};
  net::executor_work_guard<net::io_context::executor_type> work = net::make_work_guard(context);
};

class lanes {
public:
  lanes() {
    for (int i = 0; i < 2; ++i) all_.push_back(std::make_unique<lane>());
  }
  // Connections in turn; `begin(tcp::socket, net::io_context&)` runs on the connection's thread.
  template <class Begin> void serve(const char* port, Begin begin) {
    const auto number = static_cast<std::uint16_t>(std::atoi(port));
    tcp::acceptor at{all_.front()->context, {net::ip::make_address("127.0.0.1"), number}};
    accept(at, begin, 0);
    std::thread second{[this] { all_.back()->context.run(); }};
    all_.front()->context.run();
    second.join();
  }

private:
  template <class Begin> void accept(tcp::acceptor& at, Begin begin, std::size_t next) {
    auto& on = all_[next % all_.size()]->context;
    at.async_accept(on, [this, &at, &on, begin, next](error_code ec, tcp::socket s) {
      if (!ec) {
        s.set_option(tcp::no_delay{true});
        auto held = std::make_shared<tcp::socket>(std::move(s));
        net::post(on, [begin, held, &on] { begin(std::move(*held), on); });
      }
      accept(at, begin, next + 1);
    });
  }

  std::vector<std::unique_ptr<lane>> all_;
};

} // namespace strowger::peer
