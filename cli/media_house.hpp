// The media relay and its desk, as serve() needs them: made, joined to the site and the sockets,
// and ended in the right order.
#pragma once

#include "actors/runtime/gateway.hpp"
#include "config/settings.hpp"

#include <memory>

namespace strowger::http {
class media_door;
}

namespace strowger::cli {

class media_house {
public:
  // Watches the site's calls from now on. With media.enabled off, or features.webrtc.enabled, it
  // is empty. A relay that cannot be started is logged; its clients are told so.
  media_house(const config::settings& s, runtime::gateway& site,
              std::shared_ptr<runtime::executor> lane);
  ~media_house(); // as stop()

  http::media_door* door() const; // null: no media; lives as long as this
  void stop();                    // idempotent

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace strowger::cli
