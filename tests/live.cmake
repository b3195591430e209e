# fuzz/live is no library of mue itself.
target_link_libraries(test_coverage PRIVATE mue_live)
