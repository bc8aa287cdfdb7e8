#include "api/mail/outbox.h"

#include "eventstore/anchor.h"
#include "eventstore/table.h"

#include <filesystem>

namespace muster::mail {

namespace fs = std::filesystem;

Attempt Outbox::send(const Message& message) {
    std::error_code error;
    if (fs::create_directory(directory_, error)) fs::permissions(directory_, fs::perms::owner_all, error);
    try {
        replace_file(directory_ + "/" + message.name + ".eml", bytes_of(message, Bits::eight));
    } catch (const StorageError&) {
        return {Result::lost, "the outbox can't be written"};
    }
    return {Result::taken, {}};
}

}  // namespace muster::mail
