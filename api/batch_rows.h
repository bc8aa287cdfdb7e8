#pragma once
// The rows of a batch, each read on its own: what is wrong with one is its own.

#include "api/batch.h"
#include "api/json/faults.h"

#include <optional>
#include <string>
#include <vector>

namespace muster {

struct BatchedRow {
    InviteMember invite;
    std::string email;          // as it was given
    std::vector<Fault> faults;  // pointers within the row
};

struct Batch {
    BatchMode mode = BatchMode::best_effort;
    bool same_for_all = false;  // made of `emails`: what stands beside them is every row's
    std::vector<BatchedRow> rows;
};

// nullopt where the caller is answered already; `faults` are of the batch itself.
std::optional<Batch> read_batch(const Call& call, Faults& faults);

}  // namespace muster
