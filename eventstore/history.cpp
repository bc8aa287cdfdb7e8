#include "eventstore/history.h"

#include "eventstore/codec.h"

namespace muster {
namespace {

RecordedPtr recorded(const Frame& frame, Vault& vault) {
    // Only what was destroyed reads as erased; a key that is just not there is damage (a vault that is older than the
    // log, or of another one), and nothing may be concluded from it.
    auto keys = [&](const Uuid& id) {
        auto key = vault.person_key(id);
        if (!key && !vault.erased(id))
            throw DamageError("event " + std::to_string(frame.meta.position) + " (" + frame.type +
                              "): the vault lacks the key of a person who was not erased; restore the vault");
        return key;
    };
    try {
        return std::make_shared<Recorded>(Recorded{frame.meta, frame.stream, frame.workspace, frame.id, frame.command,
                                                   frame.correlation, frame.causation,
                                                   decode(frame.type, frame.payload, keys)});
    } catch (const DecodeError& error) {
        throw DamageError("event " + std::to_string(frame.meta.position) + " (" + frame.type + "): " + error.what());
    } catch (const UnknownEvent& error) {
        throw UnknownEvent("event " + std::to_string(frame.meta.position) + ": " + error.what());
    }
}

}  // namespace

std::vector<RecordedPtr> History::after(Position after, std::size_t most) const {
    if (auto fresh = log_.tail(after, most)) return *fresh;
    std::vector<RecordedPtr> events;
    for (const auto& frame : log_.frames(after, most)) events.push_back(recorded(frame, vault_));
    return events;
}

RecordedPtr History::decoded(const Frame& frame) const { return recorded(frame, vault_); }

RecordedPtr History::at(Position position) const {
    auto frame = log_.frame(position);
    return frame ? recorded(*frame, vault_) : nullptr;
}

std::vector<RecordedPtr> History::read(const std::vector<Position>& positions) const {
    std::vector<RecordedPtr> events;
    for (auto position : positions) {
        auto event = at(position);
        if (!event) throw DamageError("event " + std::to_string(position) + " is missing from the log");
        events.push_back(std::move(event));
    }
    return events;
}

std::vector<RecordedPtr> History::after(WorkspaceId workspace, Position after, std::size_t most) const {
    return read(log_.positions(workspace, after, most));
}

std::vector<RecordedPtr> History::stream(StreamId stream, Version after) const {
    return read(log_.positions(stream, after));
}

}  // namespace muster
