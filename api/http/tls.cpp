#include "api/http/tls.h"

#include <boost/system/system_error.hpp>

#include <array>
#include <stdexcept>

namespace muster::http {
namespace {

namespace ssl = boost::asio::ssl;

// Takes "http/1.1" where the caller offers protocols by ALPN; a caller that offers none, or only others, goes on
// without, as one that has never heard of ALPN.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size, const unsigned char* offered,
                    unsigned offered_size, void*) {
    static constexpr std::array<unsigned char, 9> http{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    unsigned char* protocol = nullptr;
    if (SSL_select_next_proto(&protocol, chosen_size, http.data(), http.size(), offered, offered_size) !=
        OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_NOACK;
    }
    *chosen = protocol;
    return SSL_TLSEXT_ERR_OK;
}

}  // namespace

std::shared_ptr<ssl::context> tls_context(const Tls& tls) {
    auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
    SSL_CTX* const native = context->native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    // An idle connection gives its 34 KiB of record buffers back.
    SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
    // For 1.2: forward secrecy and authenticated encryption only. All of 1.3's are such.
    if (SSL_CTX_set_cipher_list(native, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1) {
        throw std::runtime_error("TLS: this OpenSSL has none of the ciphers that are asked for.");
    }
    SSL_CTX_set_alpn_select_cb(native, choose_protocol, nullptr);

    const std::string* file = &tls.certificate_file;
    try {
        context->use_certificate_chain_file(*file);
        file = &tls.key_file;
        context->use_private_key_file(*file, ssl::context::pem);
    } catch (const boost::system::system_error& error) {
        throw std::runtime_error("TLS: cannot use " + *file + ": " + error.code().message());
    }
    if (SSL_CTX_check_private_key(native) != 1) {
        throw std::runtime_error("TLS: the key in " + tls.key_file + " is not that of " + tls.certificate_file + ".");
    }
    return context;
}

}  // namespace muster::http
