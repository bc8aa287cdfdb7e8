#include "domain/event.h"

#include <algorithm>
#include <vector>

namespace muster {

Event::Event() = default;
Event::Event(const Event&) = default;
Event::Event(Event&&) noexcept = default;
Event& Event::operator=(const Event&) = default;
Event& Event::operator=(Event&&) noexcept = default;
Event::~Event() = default;

std::string_view type_of(const Event& event) {
    return std::visit([]<class E>(const E&) { return type_name<E>(); }, event);
}

std::string_view stored_name(const Event& event) {
    return std::visit([]<class E>(const E&) { return stored_name<E>(); }, event);
}

namespace {

template <class... E>
std::vector<std::string> types_of(const std::variant<E...>*) {
    return {event_type(type_name<E>())...};
}

}  // namespace

std::string event_type(std::string_view type) {
    std::string snake;
    for (char letter : type.substr(0, type.find('.'))) {
        const bool capital = letter >= 'A' && letter <= 'Z';
        if (capital && !snake.empty()) snake += '_';
        snake += capital ? static_cast<char>(letter - 'A' + 'a') : letter;
    }
    return snake;
}

std::string event_type(const Event& event) { return event_type(type_of(event)); }

bool is_event_type(std::string_view type) {
    static const auto types = types_of(static_cast<const Event*>(nullptr));
    return std::ranges::find(types, type) != types.end();
}

namespace {

// Every event of a stream counts as a version of it, also one that its state does not heed.
template <class State>
void evolve_any(State& state, const Recorded& recorded) {
    auto meta = recorded.meta;
    std::visit(
        [&]<class E>(const E& event) {
            if constexpr (requires { evolve(state, event, meta); }) evolve(state, event, meta);
        },
        recorded.event);
    state.id = {recorded.stream.id};
    state.version = meta.version;
}

}  // namespace

void evolve(Workspace& state, const Recorded& recorded) { evolve_any(state, recorded); }

void evolve(Membership& state, const Recorded& recorded) {
    state.workspace = recorded.workspace;
    evolve_any(state, recorded);
}

void evolve(InvitationRequest& state, const Recorded& recorded) {
    state.workspace = recorded.workspace;
    evolve_any(state, recorded);
}

void evolve(Resource& state, const Recorded& recorded) {
    state.workspace = recorded.workspace;
    evolve_any(state, recorded);
}

}  // namespace muster
