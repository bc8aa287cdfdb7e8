#include "api/mail/outbox.h"

#include "eventstore/anchor.h"
#include "eventstore/table.h"

#include <filesystem>

namespace muster::mail {

namespace fs = std::filesystem;

Outbox::Outbox(std::string directory) : directory_(std::move(directory)) {
    std::error_code error;
    fs::create_directories(directory_, error);
    if (!error) fs::permissions(directory_, fs::perms::owner_all, error);
    if (error) throw StorageError(directory_ + ": " + error.message());
}

Attempt Outbox::send(const Message& message) {
    try {
        replace_file(directory_ + "/" + message.name + ".eml", bytes_of(message, Bits::eight));
    } catch (const StorageError&) {
        return {Result::lost, "the outbox can't be written"};
    }
    return {Result::taken, {}};
}

}  // namespace muster::mail
