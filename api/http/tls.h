#pragma once
// The TLS settings, made once from ServerOptions::tls. Internal to the server, since it includes Asio.

#include "api/http/server.h"

#include <boost/asio/ssl/context.hpp>

#include <memory>

namespace muster::http {

// Throws std::runtime_error that names the file which cannot be read or does not fit.
[[nodiscard]] std::shared_ptr<boost::asio::ssl::context> tls_context(const Tls& tls);

}  // namespace muster::http
