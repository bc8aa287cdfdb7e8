#pragma once
// The part of every command that does not depend on which it is: the body's syntax, Idempotency-Key, If-Match, running
// it and answering.

#include "api/answering.h"
#include "api/json/faults.h"
#include "domain/password.h"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <memory>
#include <optional>

namespace muster {

// False where the body is compressed or the like: then the caller is answered.
bool has_plain_body(const Call& call);
// Gives the body as JSON to `read`; false where it is none: then the caller is answered.
bool read_body(const Call& call, Faults& faults, const std::function<void(const nlohmann::json&)>& read);

// A request with an Idempotency-Key on its way: held, so that the same one at the same time is refused.
class Keeping {
public:
    Keeping(std::shared_ptr<KeysUnderWay> all, std::optional<IdempotencyKey> key);
    ~Keeping() { end(); }
    Keeping(const Keeping&) = delete;
    Keeping& operator=(const Keeping&) = delete;

    [[nodiscard]] const std::optional<IdempotencyKey>& key() const { return key_; }
    void end();

private:
    const std::shared_ptr<KeysUnderWay> all_;  // a request that was cut off may be let go of when the service is gone
    std::optional<IdempotencyKey> key_;
};

// In which workspace this very request of this caller was answered, and the answer is kept: for a path that names it by
// a slug that it has no more, as after renaming or deleting it.
std::optional<WorkspaceId> answered_before(const Call& call);

// nullptr where the caller is answered already: by what is kept, or by a refusal. `scope` beside the workspace and the
// caller: the invitation, for an accept.
std::shared_ptr<Keeping> begin_keeping(const Call& call, std::string_view scope = {});
// For answers with a session, which is never kept: a repeat opens a new one, if the password is still right. `refuse`
// answers where it is not.
using Refuse = std::function<void(const Call&)>;
std::shared_ptr<Keeping> begin_keeping_session(const std::shared_ptr<Call>& call, std::string_view scope,
                                               const std::optional<Password>& password, const Refuse& refuse);

// Under which the chunk of a batch is kept that begins with this row. No header has a line break, so it is nobody's
// key.
IdempotencyKey key_of_chunk(const IdempotencyKey& whole, std::size_t first);

// What is kept of the chunks of a batch that an earlier run of the same request appended before it was cut off: `each`
// is given their parts in order, and how many rows they make. How many rows there were: the first that is still to do.
std::size_t recall_chunks(const Call& call, const IdempotencyKey& whole, std::size_t rows,
                          const std::function<void(std::size_t rows, std::vector<AnswerPart> parts)>& each);

void set_if_match(const Call& call, Command& command);

// What the domain finds wrong with a body that has faults of its own.
std::vector<Fault> faults_before_deciding(const Call& call, const Command& command,
                                          const std::function<std::vector<Fault>(const Loaded&, const Context&)>& find);

struct RunHooks {
    std::function<bool(const Refusal&)> refused = {};  // true: it answers otherwise
    std::function<void(const Result&)> ended = {};     // before the answer
};
void run(std::shared_ptr<Call> call, std::shared_ptr<Keeping> keeping, Command command, Shape shape,
         RunHooks hooks = {});

}  // namespace muster
