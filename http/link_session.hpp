// The master's end of a link: GET /api/licenses/link, a WebSocket that a slave opens with its
// license's key. The upgrade is accepted only when the gateway knows the key.
#pragma once

#include "http/handoff.hpp"
#include "http/link_wire.hpp"

namespace strowger::http {

class link_session final : public connection, public std::enable_shared_from_this<link_session> {
public:
  link_session(handoff from, any_stream stream);
  ~link_session() override;
  void start(); // on the lane

  void drain() override; // 1001
  void cut() override;

private:
  void on_license(outcome<license_id> found);
  void accept(const license_id& license);
  void opened(const license_id& license);
  errc heard(std::string_view text);
  void lost(const std::string& why);
  void refuse(const failure& why);

  handoff from_;
  std::shared_ptr<link_wire> wire_;
  std::shared_ptr<runtime::slave_sink> sink_;
  runtime::link_number number_ = 0;
  bool cut_ = false;
};

} // namespace strowger::http
