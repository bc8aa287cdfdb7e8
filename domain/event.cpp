#include "domain/event.h"

namespace muster {

std::string_view type_of(const Event& event) {
    return std::visit([]<class E>(const E&) { return type_name<E>(); }, event);
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
