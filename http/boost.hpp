// The one door to Boost.Asio and Beast for http/; also its precompiled header.
#pragma once

#include <boost/version.hpp>
static_assert(BOOST_VERSION == 108100, "Boost 1.81 headers are expected under .deps/");

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>

namespace strowger::http {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
namespace websocket = boost::beast::websocket;
using tcp = net::ip::tcp;
using boost::system::error_code;

} // namespace strowger::http
