#include "tools/keys.h"

#include "api/json/write.h"
#include "eventstore/store.h"
#include "tools/commands.h"

#include <CLI/CLI.hpp>

#include <iostream>

namespace muster::tools {
namespace {

enum class KeyPurpose : std::uint8_t { link, cursor, idempotency };
MUSTER_ENUM(KeyPurpose, link, cursor, idempotency);

Purpose in_vault(KeyPurpose purpose) {
    switch (purpose) {
        case KeyPurpose::link:
            return Purpose::link;
        case KeyPurpose::cursor:
            return Purpose::cursor;
        case KeyPurpose::idempotency:
            return Purpose::idempotency;
    }
    throw std::logic_error("a purpose of no key");
}

struct Rotated {
    KeyPurpose purpose = KeyPurpose::link;
    std::uint32_t key = 0;
    std::uint32_t former_key = 0;
    Instant former_key_good_until;
};
MUSTER_DESCRIBE(Rotated, purpose, key, former_key, former_key_good_until);

struct KeysSettings {
    std::string data;
    std::string master_key_file;
    std::string format = "text";
    std::string purpose;
};

int rotate(const KeysSettings& settings) {
    Request request;
    request.ask = Ask::rotate;
    request.format = settings.format;
    request.purpose = settings.purpose;
    auto answered = ask_server(settings.data, request, print_line);
    if (!answered) {
        const auto store = open_store(settings.data, {.master_key_file = settings.master_key_file});
        answered = rotate_key(*store.vault, request, print_line);
    }
    if (!answered->words.empty()) std::cerr << "muster: " << answered->words << std::endl;
    return answered->status;
}

}  // namespace

Answered rotate_key(Vault& vault, const Request& request, const OnLine& line) {
    Rotated rotated;
    if (!request.purpose || !from_name(*request.purpose, rotated.purpose))
        return {usage, "there are keys for link, cursor and idempotency"};
    const auto rotation = vault.rotate(in_vault(rotated.purpose));
    rotated.key = rotation.id;
    rotated.former_key = rotation.former_id;
    rotated.former_key_good_until = rotation.at.plus_seconds(muster::limits::rotated_key_seconds);
    if (request.format == "json") {
        std::string out;
        write_json(out, rotated);
        line(out);
    } else {
        line(*request.purpose + ": key " + std::to_string(rotated.key) + " from now on; what key " +
             std::to_string(rotated.former_key) + " made is good until " + rotated.former_key_good_until.text());
    }
    return {well, {}};
}

void add_keys(CLI::App& program, int& result) {
    auto settings = std::make_shared<KeysSettings>();
    auto* all = program.add_subcommand("keys", "The server's own keys");
    all->require_subcommand(1);
    auto* command = all->add_subcommand(
        "rotate",
        "A new key from now on, beside a running server too; what the former one made stays good for 400 days");
    command
        ->add_option("PURPOSE", settings->purpose,
                     "link (invitations, passwords), cursor (lists) or idempotency (kept answers)")
        ->required()
        ->check(CLI::IsMember({"link", "cursor", "idempotency"}));
    command->add_option("--data", settings->data, "The data directory")->required()->envname("MUSTER_DATA");
    command->add_option("--format", settings->format, "text (as by default) or json")
        ->check(CLI::IsMember({"text", "json"}));
    command
        ->add_option("--master-key-file", settings->master_key_file,
                     "Opens the vault of a directory at rest; by default DIR/master.key")
        ->envname("MUSTER_MASTER_KEY_FILE");
    command->callback([settings, &result] { result = rotate(*settings); });
}

}  // namespace muster::tools
