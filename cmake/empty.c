/* SPDX-License-Identifier: Apache-2.0
 * Stands in for a folder of the tree that has no source for this system. */
typedef int dr_nothing_here;
