#pragma once
// The members of a workspace as a file.

#include "api/service.h"
#include "projections/roster_query.h"

#include <cstddef>
#include <memory>
#include <string>

namespace muster {

// CSV with a header line, all members that the filter lets through in its order; its paging is not heeded. Made page by
// page, each as the members are then, so it promises what the pages of the list do: who neither comes nor goes nor
// moves in the order meanwhile stands in it exactly once. One thread at a time.
class MembersFile {
public:
    MembersFile(std::shared_ptr<Call> call, roster::MemberFilter filter, roster::Effort effort = {});
    // Appends whole rows until there are `bytes` or more, or a page has walked its fill, perhaps past everybody; false
    // where the last row is among them. Throws where the roster has nothing to read from.
    bool append(std::string& out, std::size_t bytes);

private:
    std::shared_ptr<Call> call_;
    roster::MemberFilter filter_;
    const roster::Effort effort_;
    bool begun_ = false;
};

}  // namespace muster
